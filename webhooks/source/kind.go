package source

import "slices"

// Kind is a kind of provider.
type Kind string

// The kinds.
const (
	Accelo     Kind = "accelo"
	Actionstep Kind = "actionstep"
	Basic      Kind = "basic"
	GitHub     Kind = "github"
	HMAC       Kind = "hmac"
	Keap       Kind = "keap"
	Kinetic    Kind = "kinetic"
	Shopify    Kind = "shopify"
	Slack      Kind = "slack"
	Standard   Kind = "standard"
	Stripe     Kind = "stripe"
	Token      Kind = "token"
)

// need says whether a kind has secrets.
type need int

const (
	required need = iota
	optional      // the provider signs when it was given a secret
	unused        // the provider signs nothing
)

// facts are what is known of a kind before any source is.
type facts struct {
	secrets  need
	keys     []string   // of its sources, besides those of every kind
	platform string     // of its events; empty leaves it to the source
	title    string     // begins their paths where the platform is open
	entity   [][]string // members of data that say what an event happened to
	example  string     // name of an event where the platform is open
	// once says that an id names one event, so that a delivery of the same id
	// and another body is still a repeat. Where an admin chose what the id is,
	// it may be a mistake.
	once bool
}

// own are the keys of kinds whose platform the source names.
var own = []string{"platform", "title"}

// kinds is what there is.
var kinds = map[Kind]facts{
	Accelo:     {secrets: optional, keys: []string{"register"}, platform: "accelo", title: "Accelo", entity: [][]string{{"id"}}, once: true},
	Actionstep: {secrets: unused, keys: []string{"register"}, platform: "actionstep", title: "Actionstep", entity: [][]string{{"id"}}, once: true},
	Basic:      {keys: slices.Concat(own, []string{"user", "id", "event", "timestamp"})},
	GitHub: {platform: "github", title: "GitHub", example: "pull_request.opened", once: true, entity: [][]string{
		{"pull_request", "node_id"}, {"issue", "node_id"}, {"discussion", "node_id"}, {"workflow_run", "node_id"}, {"after"},
	}},
	HMAC: {keys: slices.Concat(own, []string{
		"header", "algorithm", "encoding", "prefix", "signs", "id", "event", "timestamp", "tolerance",
	})},
	Keap:    {secrets: unused, keys: []string{"register"}, platform: "keap", title: "Keap", entity: [][]string{{"id"}}, once: true},
	Kinetic: {keys: []string{"key"}, platform: "kinetic", once: true},
	Shopify: {platform: "shopify", title: "Shopify", example: "orders/create", entity: [][]string{{"id"}}, once: true},
	Slack: {keys: []string{"tolerance"}, platform: "slack", title: "Slack", example: "block_actions.approve", once: true, entity: [][]string{
		{"event", "channel"}, {"channel", "id"}, {"view", "id"}, {"channel_id"},
	}},
	Standard: {keys: slices.Concat(own, []string{"tolerance"}), once: true},
	Stripe:   {keys: []string{"tolerance"}, platform: "stripe", title: "Stripe", example: "invoice.paid", entity: [][]string{{"data", "object", "id"}}, once: true},
	Token:    {keys: slices.Concat(own, []string{"header", "prefix", "id", "event", "timestamp"})},
}

// Kinds lists the kinds by name.
func Kinds() []Kind {
	var all []Kind
	for k := range kinds {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
