/** Where network functions are unless somebody says otherwise. */
export const usualNamespace = "hmsh";
