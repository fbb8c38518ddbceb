package dialecttest

// Faults are what the suite finds wrong with a dialect, by property.
func Faults(d Dialect) map[string][]string {
	found := map[string][]string{}
	for _, p := range properties {
		if f := p.faults(&d); len(f) > 0 {
			found[p.name] = f
		}
	}
	return found
}
