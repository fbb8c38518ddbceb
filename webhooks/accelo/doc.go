// Package accelo is Accelo's dialect of REST hooks: the API of webhook
// subscriptions under /api/v0, its envelope of meta and response in JSON, XML
// and YAML, its twenty events, and its skinny deliveries.
//
// Where the vendor's documents are silent (the algorithm of X-Hub-Signature,
// the layout of XML, the number of time-outs that delete a subscription, what
// an answer of 500 does) the choice is ours and stands beside it.
//
// The package is pure: it neither stores nor sends.
package accelo
