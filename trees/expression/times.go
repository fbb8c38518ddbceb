package expression

import "time"

// timeFunctions are about times and durations, without clocks and zones.
func timeFunctions() map[string]function {
	t := map[string]function{
		"date":     {forms: []any{new(func(string) time.Time), new(func(string, string) time.Time), new(func(string, string, any) time.Time)}, run: date},
		"duration": {forms: []any{new(func(string) time.Duration)}, run: duration},
		".Add":     {forms: []any{new(func(time.Time, time.Duration) time.Time)}, run: add},
		".Sub":     {forms: []any{new(func(time.Time, time.Time) time.Duration)}, run: subtract},
		".Format":  {forms: []any{new(func(time.Time, string) string)}, run: format},
		".AddDate": {forms: []any{new(func(time.Time, int, int, int) time.Time)}, run: onTime(addDate)},
	}
	for name, part := range map[string]func(time.Time) int64{
		".Year":      func(t time.Time) int64 { return int64(t.Year()) },
		".Month":     func(t time.Time) int64 { return int64(t.Month()) },
		".Day":       func(t time.Time) int64 { return int64(t.Day()) },
		".Hour":      func(t time.Time) int64 { return int64(t.Hour()) },
		".Minute":    func(t time.Time) int64 { return int64(t.Minute()) },
		".Second":    func(t time.Time) int64 { return int64(t.Second()) },
		".Weekday":   func(t time.Time) int64 { return int64(t.Weekday()) }, // Sunday is 0
		".YearDay":   func(t time.Time) int64 { return int64(t.YearDay()) },
		".Unix":      time.Time.Unix,
		".UnixMilli": time.Time.UnixMilli,
	} {
		t[name] = function{
			forms: []any{new(func(time.Time) int)},
			run:   onTime(func(t time.Time, _ []any) (any, error) { return part(t), nil }),
		}
	}
	for name, part := range map[string]func(time.Duration) any{
		".Hours":        func(d time.Duration) any { return d.Hours() },
		".Minutes":      func(d time.Duration) any { return d.Minutes() },
		".Seconds":      func(d time.Duration) any { return d.Seconds() },
		".Milliseconds": func(d time.Duration) any { return float64(d) / float64(time.Millisecond) },
	} {
		t[name] = function{forms: []any{new(func(time.Duration) float64)}, run: func(_ *frame, a []any) (any, error) {
			d, ok := a[0].(time.Duration)
			if !ok {
				return nil, &Fault{Message: "only a duration has " + name[1:] + ", not " + valueWord(a[0])}
			}
			return part(d), nil
		}}
	}
	return t
}

func format(f *frame, a []any) (any, error) {
	layout, err := asText("the layout", a[1])
	if err != nil {
		return nil, err
	}
	if err := f.grow(8 * len(layout)); err != nil {
		return nil, err
	}
	return onTime(func(t time.Time, _ []any) (any, error) { return t.Format(layout), nil })(f, a)
}

func onTime(run func(time.Time, []any) (any, error)) operation {
	return func(_ *frame, a []any) (any, error) {
		t, ok := a[0].(time.Time)
		if !ok {
			return nil, &Fault{Message: "this needs a time, not " + valueWord(a[0]), Hint: "write date(x) for a time in text"}
		}
		return run(t, a[1:])
	}
}

func addDate(t time.Time, a []any) (any, error) {
	var parts [3]int
	for i := range parts {
		n, err := asInteger("AddDate", a[i])
		if err != nil {
			return nil, err
		}
		if n > 100_000 || n < -100_000 {
			return nil, &Fault{Message: "AddDate goes no further than 100,000 years, months or days"}
		}
		parts[i] = int(n)
	}
	return t.AddDate(parts[0], parts[1], parts[2]), nil
}

// layouts are the forms of a date in text.
var layouts = []string{time.RFC3339Nano, time.DateOnly, time.DateTime, "2006-01-02T15:04:05", "2006-01-02T15:04", time.RFC1123Z}

// date reads a time. One without an offset is in UTC.
func date(_ *frame, a []any) (any, error) {
	text, err := asText("a date", a[0])
	if err != nil {
		return nil, err
	}
	forms := layouts
	if len(a) > 1 {
		layout, err := asText("the layout", a[1])
		if err != nil {
			return nil, err
		}
		forms = []string{layout}
	}
	for _, layout := range forms {
		if t, err := time.ParseInLocation(layout, text, time.UTC); err == nil {
			return t, nil
		}
	}
	if len(a) > 1 {
		return nil, &Fault{Message: "the text " + show(text) + " is not a time of the layout " + show(a[1]), Hint: `layouts are written as in "02.01.2006"`}
	}
	return nil, &Fault{Message: "the text " + show(text) + " is not a time", Hint: `write it as 2026-03-01 or 2026-03-01T09:00:00Z, or give the layout: date(x, "02.01.2006")`}
}

func duration(_ *frame, a []any) (any, error) {
	text, err := asText("a duration", a[0])
	if err != nil {
		return nil, err
	}
	d, err := parseDuration(text)
	if err != nil {
		return nil, err
	}
	return d, nil
}
