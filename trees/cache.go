package trees

import (
	"container/list"
	"sync"
)

// cache keeps the versions that were used last.
type cache struct {
	most int

	mu     sync.Mutex
	order  *list.List // of *Tree, the latest first
	byHash map[string]*list.Element
}

func newCache(most int) *cache {
	return &cache{most: most, order: list.New(), byHash: make(map[string]*list.Element)}
}

func (c *cache) get(hash string) (*Tree, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byHash[hash]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*Tree), true
}

func (c *cache) add(t *Tree) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byHash[t.Hash]; ok {
		c.order.MoveToFront(e)
		return
	}
	c.byHash[t.Hash] = c.order.PushFront(t)
	for c.order.Len() > c.most {
		last := c.order.Back()
		delete(c.byHash, last.Value.(*Tree).Hash)
		c.order.Remove(last)
	}
}
