//! Pieces of SQL that the queries of diesel have no word for, in statements that a connection prepares once.
//!
//! Diesel's own `sql` makes whatever it stands in be prepared anew each time, since its text may be made of anything.
//! Here it comes from a few texts of ours; what is put together from many parts, as the filters of the lists of
//! identities and of reviews, stays with diesel's, so that no connection keeps a statement for each filter that somebody
//! thinks of.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, TypedExpressionType, ValidGrouping, is_aggregate,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::SqlType;

/// A text of ours as an expression of that type. A statement is kept under its whole text, so it has no name of its own.
#[derive(Debug, Clone)]
pub struct Fragment<ST, Before = ()> {
    before: Before,
    text: &'static str,
    of_type: PhantomData<ST>,
}

/// What was bound after a fragment.
#[derive(Debug, Clone)]
pub struct Bound<Before, Value> {
    before: Before,
    value: Value,
}

/// A text as an expression. It says which type it has, and nobody checks it.
pub fn sql<ST>(text: &'static str) -> Fragment<ST> {
    Fragment { before: (), text, of_type: PhantomData }
}

impl<ST, Before> Fragment<ST, Before> {
    /// Followed by a value that is bound.
    pub fn bind<As, Value>(self, value: Value) -> Bound<Self, Value::Expression>
    where
        As: SqlType + TypedExpressionType,
        Value: AsExpression<As>,
    {
        Bound { before: self, value: value.as_expression() }
    }

    /// Followed by more text.
    pub fn sql(self, text: &'static str) -> Fragment<ST, Self> {
        Fragment { before: self, text, of_type: PhantomData }
    }
}

impl<Before: Expression, Value> Bound<Before, Value> {
    /// Followed by more text.
    pub fn sql(self, text: &'static str) -> Fragment<Before::SqlType, Self> {
        Fragment { before: self, text, of_type: PhantomData }
    }
}

impl<ST: TypedExpressionType, Before> Expression for Fragment<ST, Before> {
    type SqlType = ST;
}

impl<Before: Expression, Value> Expression for Bound<Before, Value> {
    type SqlType = Before::SqlType;
}

impl<ST, Before: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Fragment<ST, Before> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.before.walk_ast(out.reborrow())?;
        out.push_sql(self.text);
        Ok(())
    }
}

impl<Before: QueryFragment<DB>, Value: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Bound<Before, Value> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.before.walk_ast(out.reborrow())?;
        self.value.walk_ast(out.reborrow())
    }
}

impl<ST, Before> QueryId for Fragment<ST, Before> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Before, Value> QueryId for Bound<Before, Value> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Table, ST, Before> SelectableExpression<Table> for Fragment<ST, Before> where Self: Expression {}
impl<Table, ST, Before> AppearsOnTable<Table> for Fragment<ST, Before> where Self: Expression {}
impl<Table, Before, Value> SelectableExpression<Table> for Bound<Before, Value> where Self: Expression {}
impl<Table, Before, Value> AppearsOnTable<Table> for Bound<Before, Value> where Self: Expression {}

impl<Group, ST, Before> ValidGrouping<Group> for Fragment<ST, Before> {
    type IsAggregate = is_aggregate::Never;
}

impl<Group, Before, Value> ValidGrouping<Group> for Bound<Before, Value> {
    type IsAggregate = is_aggregate::Never;
}
