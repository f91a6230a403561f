// Package freshness knows what has landed on each local day and what the
// derived tables have seen of it. On the way from POST to chart it stands
// beside the tables: the loader leaves a mark before rows land and another one
// when all of them can be queried, the job that derives tables writes down the
// marks it has seen, and whoever answers a question compares. It is data and
// pure functions; it reads nothing by itself.
//
// A mark is a number that names a landing, and a day's version is the sum of its
// marks: two equal versions are the same landings. Since a landing's mark is
// there before the first of its rows, no row can be seen that the version does
// not tell of; since an answer is kept only if nothing was under way when it was
// read, no kept answer lacks a row of its version.
package freshness
