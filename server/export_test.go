package server

import "github.com/gofiber/fiber/v2"

// Registered lists what fiber answers, as "METHOD path".
func (s *Server) Registered() []string {
	var list []string
	for _, r := range s.app.GetRoutes(true) {
		list = append(list, r.Method+" "+r.Path)
	}
	return list
}

// AddBehindTheTable registers a route as no code may.
func (s *Server) AddBehindTheTable(method, path string) {
	s.app.Add(method, path, func(*fiber.Ctx) error { return nil })
}
