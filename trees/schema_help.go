package trees

// What the keys of the language are for, as editors show it.
var (
	treeHelp = map[string]string{
		"tree":        "GROUP / NAME; an event of this path fires the tree: Submissions > services > laptop-request / Submitted",
		"routine":     "the name by which other trees call this",
		"source":      "where the tree belongs; the space's default when left out",
		"status":      "Inactive keeps and shows the tree and fires it no more",
		"note":        "free text",
		"when":        "an expression over the event; false filters the event",
		"dedupe":      "an expression; an event with the same key again is answered with the first run's number",
		"lane":        "an expression; runs of the same key go one at a time, in order",
		"retry":       "the schedule of every node that has none of its own",
		"inputs":      "of a routine: a name to its default, or to {required, default, note}",
		"outputs":     "of a routine: a list of names that a return gives, or a name to its value",
		"nodes":       "the nodes, in order: each follows the one above it unless `after` says otherwise",
		"expressions": "the language of the expressions; expr when left out",
		"kinetic":     "kept for export to the vendor's format",
	}

	nodeHelp = map[string]string{
		"id":       "small letters, digits and _; unique in the whole tree. Others read the results as nodes.ID",
		"name":     "what people see",
		"note":     "free text",
		"after":    "which nodes lead here: x, x.created, x.updated, x.failed, {node, on, when, label}, or a list of these. [] parks the node",
		"join":     "how several connectors count: any, all, a number, each (every one runs it) or settled (once, when no more can come)",
		"when":     "an expression; false passes over this node alone",
		"do":       "the handler that is called",
		"routine":  "the routine that is called",
		"nodes":    "the body of the loop",
		"wait":     "a pause: a duration such as 2d, or {until: TIME}",
		"return":   "what the run gives back; the run goes on",
		"reply":    "answers a caller that waits on the event: {status, headers, body}",
		"with":     "the parameters; texts may hold ${ expressions }",
		"defer":    "waits for the token after the call: {timeout, else}",
		"message":  "what the task shows: a text, or {created, updated, completed}",
		"retry":    "when a failed call is tried again",
		"timeout":  "longest time of one attempt",
		"each":     "an expression that gives a list: the node is repeated for each item; or {data, path} of XML or JSON",
		"as":       "what the item is called; item when left out",
		"parallel": "items at a time, or all; 1 when left out",
		"need":     "items after which the rest is canceled: a number, or any",
		"until":    "an expression: the node is repeated until it holds",
		"max":      "most rounds of until",
		"detach":   "does not wait for the called run; the result is {run}",
		"end":      "completing this node completes the run",
		"kinetic":  "kept for export to the vendor's format",
	}

	retryHelp = map[string]string{
		"max":    "attempts in all, the first included",
		"wait":   "after the first failure",
		"factor": "by which each wait grows",
		"cap":    "longest wait",
		"when":   "an expression over error; what the handler classed as retryable when left out",
	}

	spaceHelp = map[string]string{
		"slug":       "the space's name in paths and URLs",
		"name":       "what people see",
		"source":     "default source of trees",
		"attributes": "a name to a text, or to a list of texts",
		"kapps":      "kapps by slug, with their attributes and forms",
		"datastore":  "datastore forms by slug",
		"secrets":    "names of secrets; values come from HOOKTREE_SECRET_NAME or a secrets file",
		"egress":     "what the address guard lets through besides public addresses",
		"sources":    "inbound webhooks",
		"dialects":   "settings of REST-hooks dialects",
		"retention":  "what is kept: {age, size}",
	}
)
