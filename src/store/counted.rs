//! Counting by the database: one number comes back, and not a row for each that was counted.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;

/// `SELECT COUNT(*)` over the rows of a query.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct Counted<Q> {
    rows: Q,
}

/// How many rows a query finds. The caller limits it, since a list counts no further than it says.
pub fn counted<Q>(rows: Q) -> Counted<Q> {
    Counted { rows }
}

impl<Q: Query> Query for Counted<Q> {
    type SqlType = BigInt;
}

impl<Q, Conn> RunQueryDsl<Conn> for Counted<Q> {}

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Counted<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT COUNT(*) FROM (");
        self.rows.walk_ast(out.reborrow())?;
        out.push_sql(") counted");
        Ok(())
    }
}
