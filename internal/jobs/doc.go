// Package jobs runs what has to be done now and then: it stands beside the way from
// POST to chart and calls those who do the work. Of several processes that share a
// ClickHouse one does each run: a run is claimed there, renewed while it lasts, and
// taken over when its process is silent. What was missed during a stop is caught up
// once, not as often as it was missed.
//
// A process that slept for longer than the lease may find that its run was given
// to another one; it ends its own as soon as it wakes. So the jobs are such that two
// at a time do no harm: who removes rows takes the one claim to repair, and a report
// is claimed recipient by recipient.
package jobs
