package sqlite

import (
	"fmt"
	"strings"

	"hooktree/jobs"
)

// step is one step of a run with its tasks and the run's row as they are saved.
// They are encoded by the caller, for the writer's time is everybody's.
type step struct {
	jobs.Step

	tasks [][]byte
	run   runColumns
}

// encode encodes a step with its run; an acceptance may have none.
func encode(r *jobs.Run, s jobs.Step) (step, error) {
	first, err := encodeStep(s)
	if err != nil || r == nil {
		return first, err
	}
	if first.run, err = encodeRun(r); err != nil {
		return step{}, fmt.Errorf("run #%d: %w", r.Number, err)
	}
	return first, nil
}

// encodeStep writes the tasks of a step into one buffer.
func encodeStep(s jobs.Step) (step, error) {
	encoded := step{Step: s}
	if len(s.Delta.Tasks) == 0 {
		return encoded, nil
	}
	encoded.tasks = make([][]byte, len(s.Delta.Tasks))
	buffer := make([]byte, 0, 320*len(s.Delta.Tasks))
	for i := range s.Delta.Tasks {
		from := len(buffer)
		var err error
		if buffer, err = s.Delta.Tasks[i].AppendJSON(buffer); err != nil {
			return step{}, fmt.Errorf("task %s: %w", s.Delta.Tasks[i].Node, err)
		}
		encoded.tasks[i] = buffer[from:len(buffer):len(buffer)]
	}
	return encoded, nil
}

// saveStep saves what a step changed besides the run's own row.
func (t *tx) saveStep(seq, tree, run int64, s *step) error {
	if err := t.saveTasks(run, s); err != nil {
		return err
	}
	for i := range s.Delta.Faults {
		if err := t.saveFault(seq, tree, run, s.Delta.Faults[i]); err != nil {
			return err
		}
	}
	if err := t.dropWork(s.Drop); err != nil {
		return err
	}
	return t.addWork(s.Add)
}

// tasksAtOnce is how many rows one insert takes.
const tasksAtOnce = 32

var insertTasks = func() (texts [tasksAtOnce + 1]string) {
	for n := 1; n <= tasksAtOnce; n++ {
		texts[n] = "insert or replace into tasks (run, rank, node, status, data) values " +
			strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?), ", n), ", ")
	}
	return texts
}()

func (t *tx) saveTasks(run int64, s *step) error {
	tasks := s.Delta.Tasks
	for from := 0; from < len(tasks); from += tasksAtOnce {
		some := tasks[from:min(from+tasksAtOnce, len(tasks))]
		args := make([]any, 0, 5*len(some))
		for i := range some {
			args = append(args, run, some[i].Order, string(some[i].Node), string(some[i].Status), s.tasks[from+i])
		}
		if err := t.exec(insertTasks[len(some)], args...); err != nil {
			return err
		}
	}
	return nil
}
