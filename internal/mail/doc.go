// Package mail sends the reports that package digest makes: who gets one, when, and
// never twice. It stands at the very end of the way from POST to chart.
//
// Before a report is sent, the delivery is claimed in ClickHouse, once among all
// processes; afterwards it is settled. A process that dies in between leaves the
// claim: whether the mail server took the message, nobody knows. So that nobody
// gets a report twice, it is not sent again by itself; it is shown, and an operator
// may send it again.
//
// Addresses of people and what mail servers say about them are neither logged nor
// stored anywhere but in the list of recipients.
package mail
