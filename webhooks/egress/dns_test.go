package egress_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
)

// zone answers queries for names: each look-up of a name gets the next of its
// lists of addresses, and the last one from then on.
type zone struct {
	mu      sync.Mutex
	answers map[string][][]netip.Addr
	asked   map[string]int // look-ups of addresses of either family, by name and type
}

func newZone() *zone {
	return &zone{answers: map[string][][]netip.Addr{}, asked: map[string]int{}}
}

func (z *zone) put(name string, lists ...[]netip.Addr) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.answers[name] = lists
}

func (z *zone) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go z.serve(server)
		return client, nil
	}}
}

// serve speaks DNS over a stream: each message has its length before it.
func (z *zone) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		reply := z.reply(query)
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

const (
	typeA    = 1
	typeAAAA = 28
)

func (z *zone) reply(query []byte) []byte {
	name, end := question(query)
	kind := binary.BigEndian.Uint16(query[end:])
	addrs, known := z.next(name, kind)

	reply := append([]byte{}, query[:2]...)
	flags := uint16(0x8180) // an answer, recursion available
	if !known {
		flags |= 3 // no such name
	}
	for _, n := range []uint16{flags, 1, uint16(len(addrs)), 0, 0} {
		reply = binary.BigEndian.AppendUint16(reply, n)
	}
	reply = append(reply, query[12:end+4]...)
	for _, addr := range addrs {
		reply = append(reply, 0xc0, 12) // the name of the question
		reply = binary.BigEndian.AppendUint16(reply, kind)
		reply = append(reply, 0, 1, 0, 0, 0, 0) // internet, not to be kept
		reply = binary.BigEndian.AppendUint16(reply, uint16(addr.BitLen()/8))
		reply = append(reply, addr.AsSlice()...)
	}
	return reply
}

func (z *zone) next(name string, kind uint16) (addrs []netip.Addr, known bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	lists, known := z.answers[name]
	if !known {
		return nil, false
	}
	key := name + map[uint16]string{typeA: "/A", typeAAAA: "/AAAA"}[kind]
	at := min(z.asked[key], len(lists)-1)
	z.asked[key]++
	for _, addr := range lists[at] {
		if addr.Is4() == (kind == typeA) {
			addrs = append(addrs, addr)
		}
	}
	return addrs, true
}

// question gives the name asked for and where it ends.
func question(query []byte) (name string, end int) {
	at := 12
	var labels []string
	for query[at] != 0 {
		size := int(query[at])
		labels = append(labels, string(query[at+1:at+1+size]))
		at += 1 + size
	}
	return strings.ToLower(strings.Join(labels, ".")), at + 1
}
