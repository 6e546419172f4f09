//! On PostgreSQL, the functions that triggers refuse with, and the database's clock in Unix milliseconds. SQLite says both inline.

use crate::change::Change;
use crate::dialect::Dialect;

/// The functions behind the guards.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    dialect.either(
        "",
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
         CREATE FUNCTION refuse_if(refused BOOLEAN, reason TEXT) RETURNS void LANGUAGE plpgsql AS $$ BEGIN \
         IF refused THEN RAISE EXCEPTION '%', reason USING ERRCODE = 'integrity_constraint_violation'; END IF; END $$;
         CREATE FUNCTION now_ms() RETURNS BIGINT LANGUAGE sql VOLATILE AS \
         $$ SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) $$;",
    )
}

fn down(dialect: Dialect) -> String {
    dialect.either("", "DROP FUNCTION now_ms(); DROP FUNCTION refuse_if(BOOLEAN, TEXT); DROP FUNCTION refuse_change();")
}
