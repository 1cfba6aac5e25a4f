/** The field that says since when a job is asked to stop: a record of the kind `cancelled`. */
export const cancelMark = "-cancelled-";
