package host

import (
	"bytes"
	"strings"
	"sync"

	"github.com/galeratop/galeratop/model"
)

// outputLimit bounds what is kept of a command's output, in bytes of each stream.
const outputLimit = 1 << 20

// lineLimit bounds one line of output for people, in characters.
const lineLimit = 400

// captures are the two streams of one command. They share a lock, since both are
// written at once and their lines go to one watcher.
type captures struct {
	mutex    sync.Mutex
	closed   bool
	watch    func(string)
	out, err capture
}

func newCaptures(watch func(string)) *captures {
	c := &captures{watch: watch}
	c.out.both, c.err.both = c, c
	return c
}

// finish hands out what is left and takes nothing more: what a command leaves
// behind may write on.
func (c *captures) finish() (stdout, stderr []byte, cut bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.closed = true
	for _, s := range []*capture{&c.out, &c.err} {
		s.say(s.rest)
		cut = cut || s.cut
	}
	return c.out.kept.Bytes(), c.err.kept.Bytes(), cut
}

// capture keeps the beginning of a stream and hands out its lines.
type capture struct {
	both *captures
	kept bytes.Buffer
	rest []byte
	cut  bool
}

// Write is io.Writer and never fails: a command must not die of its watcher.
func (c *capture) Write(p []byte) (int, error) {
	c.both.mutex.Lock()
	defer c.both.mutex.Unlock()
	if c.both.closed {
		return len(p), nil
	}
	room := outputLimit - c.kept.Len()
	c.kept.Write(p[:min(len(p), room)])
	c.cut = c.cut || len(p) > room
	if c.both.watch == nil {
		return len(p), nil
	}
	c.rest = append(c.rest, p...)
	for {
		end := bytes.IndexByte(c.rest, '\n')
		if end < 0 && len(c.rest) > 4*lineLimit {
			end = len(c.rest) - 1
		}
		if end < 0 {
			return len(p), nil
		}
		c.say(c.rest[:end+1])
		c.rest = append(c.rest[:0], c.rest[end+1:]...)
	}
}

func (c *capture) say(line []byte) {
	if c.both.watch == nil {
		return
	}
	if text := strings.TrimRight(string(line), "\r\n"); text != "" {
		c.both.watch(model.Printable(text, lineLimit))
	}
}
