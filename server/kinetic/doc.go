// Package kinetic is the vendor's API for the clients that people already
// have: Core's webhooks and webhook jobs, Task's run-tree, and Task v2, as
// @kineticdata/react and the Ruby kinetic_sdk call them.
//
//	mounts := kinetic.New(services, config)
//	srv, err := server.New(serverConfig, serverServices, mounts...)
//
// It decides nothing about events, runs or trees: it reads a call, asks the
// services that the native API asks too, and writes the answer in the shape
// that those clients read. Where they and the vendor's OpenAPI files disagree,
// the clients win. It knows no HTTP server: requests and responses are plain.
//
// # What stands for what
//
//	vendor                hooktree
//	tree id, guid         made from the title (UUID v5): the same on every server
//	tree versionId        the begin of the version's hash; a change with another one is refused
//	tree createdAt        the time of the active version: a version is made once
//	export, treeYaml      the tree's YAML; treeXml and treeJson are refused
//	run id                the run's number
//	run status            Staged while queued, Started while it runs or waits; then
//	                      Error, Complete or Cancelled, which the vendor's own server
//	                      never says of one
//	run sourceId          what the event happened to (a submission), else the event
//	run token             the run's UUID
//	task status           Closed when it moves no more, Deferred while it waits, else New
//	task loopIndex        from the place: "/" or "/LOOP#ITEM"
//	task token            never told: who holds it completes the task
//	triggers              derived: Root from a run's start, Complete from a wait or a
//	                      completed deferral, Update from an update
//	error types           Connector, Node Parameter, Handler, Missing Handler Error from
//	                      the kind; Source Error where nothing but Retry helps
//	Do Nothing            leave: noted, and the error stays open with its run
//	webhook job scope     Kapp for a kapp's webhook; Space for all else
//	webhook job start,end the time at which the job was made, which is when it was first due
//	sources               those of the library, and the vendor's "Kinetic Request CE"
//
// What hooktree does not have, such as categories and policy rules, is listed
// as empty; to make one, like every other call of the vendor's list, answers
// 400 with the errorKey `unsupported` and the reason.
//
// # What is told otherwise than by the vendor's server
//
//  1. An action that an error does not allow answers 400 with the vendor's
//     text, where the vendor's server answers 200.
//  2. The status filter of webhook jobs is kept, and errors are not cut at 5.
//  3. An event that the catalogue does not have is refused when a webhook is
//     made, where the vendor's server keeps a webhook that never fires.
//  4. A list by offset looks at the newest 10,000 rows that the store selects:
//     count goes no further, and an offset beyond is refused.
//  5. Deleting a run stops it; its record goes by retention. A run that has
//     ended is not deleted, and the call says so.
package kinetic
