package kinetic

import (
	"context"
	"time"

	"hooktree/jobs"
)

// countedDays is how many days a tree's counts go back, today included.
const countedDays = 30

// point is one day of a series.
type point struct {
	StartTime int64 `json:"startTime"` // of the day, in milliseconds since 1970
	Y         int   `json:"y"`
}

type series struct {
	Name string  `json:"name"`
	Data []point `json:"data"`
}

// counts is how often a tree ran and failed, day by day.
type counts struct {
	StartDay    string   `json:"startDay"`
	EndDay      string   `json:"endDay"`
	Days        []string `json:"days"`
	ActiveCount int      `json:"activeErrorCount"`
	Errors      []series `json:"errorSeries"`
	Runs        []series `json:"runsSeries"`
}

func (a *api) countTree(ctx context.Context, req *request) (any, error) {
	t, err := a.findTree(req)
	if err != nil {
		return nil, err
	}
	last := dayOf(a.config.Now())
	first := last.AddDate(0, 0, 1-countedDays)
	byDay := tally{first: first}
	_, err = walk(paging{count: true}, func(cursor string, limit int) ([]jobs.Run, string, error) {
		return a.services.History.Runs(ctx, jobs.RunFilter{
			Page: jobs.Page{Limit: limit, Cursor: cursor}, Source: t.Title.Source, Group: t.Title.Group, Name: t.Title.Name, From: first,
		})
	}, func(r *jobs.Run) bool { return byDay.add(r.Created) })
	if err != nil {
		return nil, err
	}
	faults := tally{first: first}
	open := 0
	_, err = walk(paging{count: true}, func(cursor string, limit int) ([]jobs.ErrorRecord, string, error) {
		return a.services.History.Errors(ctx, jobs.ErrorFilter{
			Page: jobs.Page{Limit: limit, Cursor: cursor}, Source: t.Title.Source, Group: t.Title.Group, Name: t.Title.Name,
		})
	}, func(e *jobs.ErrorRecord) bool {
		if e.Open {
			open++
		}
		return faults.add(e.Created)
	})
	if err != nil {
		return nil, err
	}
	const layout = "January 02, 2006"
	shown := counts{
		StartDay: first.Format(layout), EndDay: last.Format(layout), ActiveCount: open,
		Errors: []series{{"Errors", faults.points()}}, Runs: []series{{"Runs", byDay.points()}},
	}
	for i := range countedDays {
		shown.Days = append(shown.Days, first.AddDate(0, 0, i).Format("02"))
	}
	return shown, nil
}

// tally counts times by day.
type tally struct {
	first time.Time
	days  [countedDays]int
}

// add counts a time, and reports whether it lies in the days that are counted.
func (t *tally) add(at time.Time) bool {
	day := int(at.Sub(t.first) / (24 * time.Hour))
	if at.Before(t.first) || day >= countedDays {
		return false
	}
	t.days[day]++
	return true
}

func (t *tally) points() []point {
	points := make([]point, countedDays)
	for i := range points {
		points[i] = point{t.first.AddDate(0, 0, i).UnixMilli(), t.days[i]}
	}
	return points
}
