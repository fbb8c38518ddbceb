package server

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Config is how a server behaves. The zero value of each member is usable but
// for Now and Log, which are required.
type Config struct {
	Version        string
	TrustedProxies []netip.Prefix // whose X-Forwarded headers are believed; none by default
	Secure         bool           // clients come by HTTPS: cookies are marked so
	EventLimit     int64          // most bytes of a POST /events; zero is DefaultEventLimit
	UI             fs.FS          // the built pages; nil serves none
	Now            func() time.Time
	Log            *slog.Logger
}

// DefaultEventLimit is how large the body of a POST /events may be.
const DefaultEventLimit = 8 << 20

// The times that a client may take.
const (
	readTimeout  = 30 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
	callTimeout  = 30 * time.Second // of one call to a service
	headerLimit  = 16 << 10
)

// Server answers HTTP. It is made by [New] and runs once.
type Server struct {
	config   Config
	services Services
	app      *fiber.App
	rows     []row
	mounts   []Mount
	ids      requestIDs
	origins  origins
	proxies  proxies
	metrics  *metrics
	pages    *pages
	openAPI  []byte
	streams  streams
	lines    lines

	stopping context.Context //nolint:containedctx // done when the server begins to stop
	stop     context.CancelFunc

	mu       sync.Mutex
	listener net.Listener
}

// New makes a server over its services, with other APIs mounted. It fails
// when two routes are the same.
func New(config Config, services Services, mounts ...Mount) (*Server, error) {
	if config.EventLimit == 0 {
		config.EventLimit = DefaultEventLimit
	}
	s := &Server{
		config: config, services: services, mounts: mounts,
		ids: newRequestIDs(), origins: newOrigins(), proxies: config.TrustedProxies,
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.metrics = newMetrics(services, mounts)
	s.pages = newPages(config.UI)
	if err := s.tabulate(); err != nil {
		return nil, err
	}
	s.app = fiber.New(fiber.Config{
		AppName:               "hooktree",
		DisableStartupMessage: true,
		CaseSensitive:         true,
		Network:               fiber.NetworkTCP,
		BodyLimit:             int(s.largestBody()),
		ReadBufferSize:        headerLimit,
		ReadTimeout:           readTimeout,
		WriteTimeout:          writeTimeout,
		IdleTimeout:           idleTimeout,
		ErrorHandler:          s.renderFault,
	})
	s.register()
	s.app.Server().Handler = s.guarded(s.app.Handler())
	s.app.Server().Logger = quiet{}
	s.app.Server().CloseOnShutdown = true
	return s, nil
}

// Serve answers on a listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	if !s.listen(l) {
		return l.Close()
	}
	if err := s.app.Listener(l); s.running() {
		return err
	}
	return nil
}

// listen notes the listener; false when the server is stopping already.
func (s *Server) listen(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = l
	return s.running()
}

// running reports whether Shutdown has not been called.
func (s *Server) running() bool { return s.stopping.Err() == nil }

// Shutdown stops accepting, ends the streams and the waiting calls, and waits
// for the requests that are in flight, as long as ctx allows.
//
// The listener is closed here as well, because fasthttp knows it only once it
// accepts: a Shutdown that comes before that would not end Serve.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stop()
	listener := s.listener
	s.mu.Unlock()
	err := s.app.ShutdownWithContext(ctx)
	if listener != nil {
		_ = listener.Close() // closed already, as a rule
	}
	return err
}

// Handler answers requests without a listener, for tests and benchmarks.
func (s *Server) Handler() fasthttp.RequestHandler { return s.app.Server().Handler }

// guarded keeps a panic of one request from ending the process, and answers
// what fiber would answer in its own words.
func (s *Server) guarded(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		defer func() {
			if broken := recover(); broken != nil {
				s.config.Log.Error("a request panicked", "path", string(ctx.Path()), "panic", broken, "stack", stack())
				ctx.Response.Reset()
				s.refuseRaw(ctx, internal())
			}
		}()
		if s.app.Config().RequestMethods != nil && !slices.Contains(s.app.Config().RequestMethods, string(ctx.Method())) {
			s.refuseRaw(ctx, Refusal{
				Status: fasthttp.StatusNotImplemented, Code: "unknown_method",
				Message: "this method is not known here; the calls and their methods stand in /openapi.json",
			})
			return
		}
		next(ctx)
	}
}

// renderFault answers what fiber and fasthttp refuse by themselves.
func (s *Server) renderFault(c *fiber.Ctx, err error) error {
	refusal := refusalOf(c, err)
	refusal.Request = s.ids.of(c)
	s.refuseRaw(c.Context(), refusal)
	if refusal.Status == fiber.StatusRequestEntityTooLarge {
		refuseBody(c.Context().Conn())
	}
	c.Response().Header.Set(fiber.HeaderXRequestID, refusal.Request)
	return nil
}

func refusalOf(c *fiber.Ctx, err error) Refusal {
	fault, ok := errors.AsType[*fiber.Error](err)
	if !ok {
		return internal()
	}
	switch fault.Code {
	case fiber.StatusNotFound:
		return Refusal{Status: fault.Code, Code: "not_found", Message: "there is nothing at " + clip(c.Path()) + "; the calls stand in /openapi.json"}
	case fiber.StatusMethodNotAllowed:
		return Refusal{
			Status: fault.Code, Code: "method_not_allowed",
			Message: clip(c.Path()) + " does not take " + c.Method() + "; it takes " + string(c.Response().Header.Peek(fiber.HeaderAllow)),
		}
	case fiber.StatusRequestEntityTooLarge:
		return tooLarge(int64(c.App().Config().BodyLimit))
	case fiber.StatusRequestHeaderFieldsTooLarge:
		return Refusal{Status: fault.Code, Code: "headers_too_large", Message: "the request's line and headers are over 16 kB; send fewer or shorter ones"}
	case fiber.StatusRequestTimeout:
		return Refusal{Status: fault.Code, Code: "too_slow", Message: "the request did not arrive whole within 30 s; send it again"}
	default:
		return Refusal{Status: fiber.StatusBadRequest, Code: "malformed_request", Message: "the request is not valid HTTP/1.1: " + clip(fault.Message)}
	}
}
