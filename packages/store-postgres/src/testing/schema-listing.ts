import type { Client } from "pg";

const listing = `
select 'table ' || c.table_name || ' ' || c.column_name || ' ' || c.data_type
  || case when c.is_nullable = 'NO' then ' not null' else '' end
  || coalesce(' default ' || c.column_default, '')
  || case when c.is_identity = 'YES' then ' identity' else '' end as line
from information_schema.columns as c
join information_schema.tables as t on t.table_schema = c.table_schema and t.table_name = c.table_name
where (c.table_schema = $1 or c.table_schema = 'public' and c.table_name = 'hmsh_escalations')
  and t.table_type = 'BASE TABLE'
union all
select 'view ' || c.table_name || ' ' || c.ordinal_position || ' ' || c.column_name || ' ' || c.data_type
from information_schema.columns as c
join information_schema.views as v on v.table_schema = c.table_schema and v.table_name = c.table_name
where c.table_schema = $1
union all
select 'index ' || i.indexdef
from pg_indexes as i
where i.schemaname = $1 or i.schemaname = 'public' and i.tablename = 'hmsh_escalations'
union all
select 'settings ' || c.relname || ' ' || array_to_string(c.reloptions, ', ')
from pg_class as c
where c.relnamespace = to_regnamespace(quote_ident($1)) and c.reloptions is not null
union all
select 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ') '
  || pg_get_function_result(p.oid) || ' ' || md5(p.prosrc) || coalesce(' ' || array_to_string(p.proconfig, ', '), '')
from pg_proc as p
where p.pronamespace = to_regnamespace(quote_ident($1))
order by 1`;

/** What a schema holds, and the table that all share, one line each, the same wherever it was installed. */
export async function schemaListing(client: Client, schema: string): Promise<string> {
  const { rows } = await client.query(listing, [schema]);
  const text = rows.map((row) => `${row.line}\n`).join("");
  return text.replaceAll(`"${schema}"`, "app").replaceAll(schema, "app");
}
