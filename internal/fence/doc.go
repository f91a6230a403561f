// Package fence lets a tool that repairs stop every loader that shares a
// ClickHouse, in whatever process it runs, with nothing under way. It stands
// beside the way from POST to chart, between the loader and those who look at
// raw and aggregates together: verify, rebuild, erase.
//
// Who repairs takes the one Claim there is, and gives orders to stand still.
// Each loader has a Gate, which looks for orders twice a second, stops its
// loader, says so, and lets it go on when the order is taken away.
//
// Neither side can hold up the other for ever, nor harm it by sleeping:
//
//   - An order has a lease, which its giver renews. When it has run out, a
//     loader breaks the claim, drops the claim's tables, and only then goes on.
//     A statement that must not happen after that reads from such a table: it
//     fails, or has ended before the table was gone.
//   - A loader that has not been heard of for a while is dead. If it stood at a
//     fence or had stopped, it goes on only through its Gate. If not, something
//     that it had begun may be sent again later, under tokens that would count
//     it twice in what was repaired meanwhile: so there is no fence until it is
//     back, or an operator says that it is gone for ever. If it comes back all
//     the same, it has to compare its spool with raw rather than trust tokens.
//
// All moments are by ClickHouse's clock. What is written has to be seen by the
// next who reads, as on one server, or on a cluster that reads sequentially.
package fence
