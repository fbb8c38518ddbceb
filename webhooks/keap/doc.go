// Package keap is Keap's (Infusionsoft's) dialect of REST hooks: the API under
// /crm/rest/v1/hooks with its confirmation of endpoints, its 48 event keys, and
// its skinny deliveries in batches.
//
// An endpoint is confirmed before it is sent anything: it echoes the
// X-Hook-Secret of a POST of ours, or sends it back later (delayedVerify). The
// service does that; this package is pure, and neither stores nor sends.
package keap
