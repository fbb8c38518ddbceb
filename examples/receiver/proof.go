package main

import (
	"fmt"
	"net/http"
	"time"

	"hooktree/webhooks/delivery"
)

// verify checks whichever signature a request carries, and names it.
func verify(h http.Header, body []byte, secret string) (string, error) {
	secrets := [][]byte{[]byte(secret)}
	switch {
	case h.Get(delivery.HeaderKineticSignature) != "":
		return "kinetic signature of key " + delivery.KineticKey(h), delivery.VerifyKinetic(h, body, secrets)
	case h.Get(delivery.HeaderHMAC) != "":
		return "hmac signature", delivery.VerifyHMAC(h, "", body, secrets)
	case h.Get(delivery.HeaderHub) != "":
		return "hub signature", delivery.VerifyHub(h, body, secrets)
	case h.Get(delivery.HeaderSignature) != "":
		standard, err := delivery.NewStandard(secrets)
		if err != nil {
			return "standard", fmt.Errorf("start the receiver with -secret whsec_...: %w", err)
		}
		return "standard signature", standard.Verify(h, body, time.Now())
	default:
		return "unsigned", nil
	}
}
