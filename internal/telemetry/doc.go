// Package telemetry builds what every stage reports through: the logger and
// the registry of metrics. It stands beside the way from POST to chart. A stage
// is given both, makes its own metrics from the registerer, and logs only at
// its edge; here are just the things that several share.
package telemetry
