package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// template is one kind of statement of the shop.
type template struct {
	user, schema string
	digest       string  // the normalised text
	text         string  // with {a-b} for a number between a and b
	rate         float64 // calls a second and node at normal load
	took         float64 // milliseconds
	examined     int64
	sent         int64
	affected     int64
	share        int // of what client threads run, relative
	state        string

	id       string   // of the digest
	variants []string // of the text
}

// writes reports whether the statement ends in a write-set.
func (t *template) writes() bool { return t.affected > 0 }

// templates are the shop's statements. The order is the order of digestRows.
var templates = []template{
	{
		user: "shop_app", schema: "shop", rate: 70, took: 2.1, examined: 24, sent: 24, share: 26, state: "Sending data",
		text: "SELECT p.id, p.title, p.price_cents, s.quantity FROM products p JOIN inventory.stock s ON s.product_id = p.id " +
			"WHERE p.category_id = {3-480} AND p.visible = 1 ORDER BY p.rank LIMIT 24",
	},
	{
		user: "shop_app", schema: "shop", rate: 11, took: 14, examined: 1900, sent: 20, share: 22, state: "FULLTEXT initialization",
		text: "SELECT id, title, price_cents FROM products WHERE MATCH(title, description) AGAINST ('winter boots {36-47}' IN BOOLEAN MODE) LIMIT 20",
	},
	{
		user: "shop_app", schema: "shop", rate: 220, took: 0.6, examined: 1, sent: 1, share: 10, state: "Statistics",
		text: "SELECT * FROM customers WHERE id = {10000-990000}",
	},
	{
		user: "shop_app", schema: "shop", rate: 180, took: 0.9, examined: 6, sent: 4, share: 10, state: "Sending data",
		text: "SELECT product_id, quantity, price_cents FROM cart_items WHERE cart_id = {700000-9900000}",
	},
	{
		user: "shop_app", schema: "shop", rate: 42, took: 3.4, affected: 1, examined: 1, share: 14, state: "Update",
		text: "INSERT INTO cart_items (cart_id, product_id, quantity, price_cents) VALUES ({700000-9900000}, {100-90000}, {1-4}, {490-89900}) " +
			"ON DUPLICATE KEY UPDATE quantity = quantity + 1",
	},
	{
		user: "shop_app", schema: "shop", rate: 11, took: 6.8, affected: 1, examined: 1, share: 8, state: "Update",
		text: "INSERT INTO orders (customer_id, status, total_cents, created_at) VALUES ({10000-990000}, 'paid', {990-129900}, NOW())",
	},
	{
		user: "shop_app", schema: "inventory", rate: 16, took: 5.2, affected: 1, examined: 1, share: 12, state: "Updating",
		text: "UPDATE stock SET quantity = quantity - {1-3}, updated_at = NOW() WHERE product_id = {100-90000} AND warehouse_id = {1-6}",
	},
	{
		user: "shop_app", schema: "shop", rate: 38, took: 2.9, affected: 1, examined: 1, share: 6, state: "Updating",
		text: "UPDATE sessions SET last_seen = NOW(), data = 'u{10000-990000}' WHERE id = {1000000-9999999}",
	},
	{
		user: "shop_app", schema: "shop", rate: 9, took: 4.1, affected: 3, examined: 3, share: 4, state: "Updating",
		text: "DELETE FROM cart_items WHERE cart_id = {700000-9900000}",
	},
	{
		user: "shop_admin", schema: "shop", rate: 1.2, took: 46, examined: 8200, sent: 50, share: 3, state: "Creating sort index",
		text: "SELECT o.id, o.status, c.email, o.total_cents FROM orders o JOIN customers c ON c.id = o.customer_id " +
			"WHERE o.status = 'paid' ORDER BY o.created_at DESC LIMIT {50-500}",
	},
	{
		user: "shop_admin", schema: "inventory", rate: 0.6, took: 38, affected: 40, examined: 620, share: 1, state: "Updating",
		text: "UPDATE stock SET reserved = 0 WHERE warehouse_id = {1-6} AND reserved_until < NOW() - INTERVAL {10-30} MINUTE",
	},
	{
		user: "report", schema: "analytics", rate: 0.05, took: 2400, examined: 310000, sent: 30, share: 3, state: "Sending data",
		text: "SELECT DATE(created_at) AS day, COUNT(*), SUM(total_cents) FROM shop.orders " +
			"WHERE created_at > NOW() - INTERVAL {7-90} DAY GROUP BY day",
	},
	{
		user: "report", schema: "analytics", rate: 0.025, took: 5100, examined: 890000, sent: 100, share: 2, state: "Creating tmp table",
		text: "SELECT p.category_id, SUM(i.quantity * i.price_cents) AS revenue FROM shop.order_items i " +
			"JOIN shop.products p ON p.id = i.product_id WHERE i.order_id > {400000-900000} GROUP BY p.category_id ORDER BY revenue DESC LIMIT 100",
	},
	{
		user: "backup", schema: "shop", rate: 0.006, took: 21000, examined: 1200000, sent: 1200000, share: 1, state: "Sending data",
		text: "SELECT /*!40001 SQL_NO_CACHE */ * FROM `order_items` WHERE id BETWEEN {1000000-4000000} AND {4000001-9000000}",
	},
	// Nobody's daily work: what a runaway runs.
	{user: "report", schema: "analytics", took: 1, examined: 410, text: runawayText},
}

const variantsEach = 40

// The templates' texts never change: they are filled in once, so that a thread
// that begins a statement costs no memory.
func init() {
	numbers := newRNG(2026)
	for i := range templates {
		t := &templates[i]
		t.digest = fill(t.text, func(int, int) string { return "?" })
		sum := sha256.Sum256([]byte(t.schema + t.digest))
		t.id = hex.EncodeToString(sum[:16])
		for range variantsEach {
			t.variants = append(t.variants, fill(t.text, func(a, b int) string { return strconv.Itoa(a + numbers.IntN(b-a+1)) }))
		}
	}
}

// fill replaces every {a-b}.
func fill(text string, number func(a, b int) string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		var from, to int
		inner, after, _ := strings.Cut(rest, "}")
		_, _ = fmt.Sscanf(inner, "%d-%d", &from, &to)
		b.WriteString(number(from, to))
		text = after
	}
}

// load is the shop's traffic, around 1: a day of a few minutes, and its ripples.
func (e *engine) load() float64 {
	t := e.now.Seconds()
	return 1 + 0.3*math.Sin(t/41) + 0.08*math.Sin(t/7.3) + 0.05*math.Sin(t/2.9)
}

// share is the node's part of the traffic: what other nodes cannot serve goes to
// the rest.
func (n *node) share() float64 {
	if n.e.serving == 0 {
		return 0
	}
	return float64(len(n.e.nodes)) / float64(n.e.serving) * (1 + 0.12*math.Sin(float64(n.index)*2.4))
}

// writeRate is how many write-sets a second the node's clients want to commit.
func (n *node) writeRate() float64 {
	stuck := 0.7 * float64(n.stuck) / float64(max(len(n.clients), 1))
	return n.e.write / float64(len(n.e.nodes)) * n.e.pace * n.share() * n.noise * (1 - stuck)
}

// work advances what clients do on the node in one step besides write-sets.
func (n *node) work() {
	n.noise = 1 + (n.noise-1)*0.98 + n.e.rng.NormFloat64()*0.02
	if !n.serving() {
		return
	}
	stalled, factor := n.stalled() != "", n.e.pace*n.share()*n.noise*stepTime.Seconds()
	slower := 1 + 0.4*math.Max(n.e.pace-1, 0)
	if n.hot {
		slower *= 2.5
	}
	for i := range templates {
		t := &templates[i]
		if t.rate == 0 || (stalled && t.writes()) {
			continue
		}
		calls := n.e.rng.poisson(t.rate * factor)
		n.digests[i].advance(n.e.now, t, calls, slower)
		n.count.questions += calls
		n.count.rowsRead += calls * t.examined
		if t.took*slower > 2000 {
			n.count.slow += calls
		}
	}
}
