package derived

import "context"

// fillGaps takes over the months before the first change and makes the others
// anew: a person's day changes the gap of that person's next day, in whatever
// month that is, and nothing before it.
func (r *run) fillGaps(ctx context.Context) error {
	month := r.source.first
	if from := monthOf(r.from()); from > month {
		month = from
		if err := r.exec(ctx, "gaps_copy", params{"before": month.String()}); err != nil {
			return err
		}
	}
	for ; month <= r.source.last; month = addMonths(month, 1) {
		for _, names := range r.names() {
			if err := r.exec(ctx, "gaps", params{"month": month.String(), "names": texts(names)}); err != nil {
				return err
			}
		}
	}
	return nil
}
