package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority issues certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert, a.key = template, newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pem = encodePEM("CERTIFICATE", der)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func encodePEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// issue returns certificate and key for a name, as PEM.
func (a *authority) issue(name string) (cert, key string) {
	a.t.Helper()
	k := newKey(a.t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, k.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		a.t.Fatal(err)
	}
	return encodePEM("CERTIFICATE", der), encodePEM("EC PRIVATE KEY", keyDER)
}

// handshake lets a client meet a server that shows a certificate.
func handshake(t *testing.T, client *tls.Config, cert, key string) error {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	here, there := net.Pipe()
	defer here.Close() //nolint:errcheck // the end of the test
	go func() {
		_ = tls.Server(there, &tls.Config{Certificates: []tls.Certificate{pair}}).Handshake()
		_ = there.Close()
	}()
	return tls.Client(here, client).Handshake()
}

func TestEachModeVerifiesWhatTheClientVerifies(t *testing.T) {
	ours, other := newAuthority(t), newAuthority(t)
	w := newWorld(t)
	ca := w.file("ca.pem", ours.pem)
	for _, c := range []struct {
		mode                        string
		right, wrongName, wrongRoot bool // accepted?
	}{
		{SSLPreferred, true, true, true},
		{SSLRequired, true, true, true},
		{SSLVerifyCA, true, true, false},
		{SSLVerifyIdentity, true, false, false},
	} {
		t.Run(c.mode, func(t *testing.T) {
			target := w.resolve(Flags{Host: "db1", SSLMode: strings.ToLower(c.mode), SSLCA: ca})
			equal(t, "mode", target.SSLMode, c.mode)
			for _, try := range []struct {
				what   string
				from   *authority
				name   string
				accept bool
			}{{"right", ours, "db1", c.right}, {"wrong name", ours, "db2", c.wrongName}, {"wrong root", other, "db1", c.wrongRoot}} {
				config, err := target.Driver("db1:3306")
				if err != nil {
					t.Fatal(err)
				}
				cert, key := try.from.issue(try.name)
				err = handshake(t, config.TLS, cert, key)
				if (err == nil) != try.accept {
					t.Errorf("%s: %v", try.what, err)
				}
			}
		})
	}
}

func TestModeThatIsMeant(t *testing.T) {
	w := newWorld(t)
	ca := w.file("ca.pem", newAuthority(t).pem)
	for _, c := range []struct {
		file  string
		flags Flags
		want  string
	}{
		{"", Flags{}, SSLPreferred},
		{"", Flags{SSLCA: ca}, SSLVerifyCA},
		{"ssl-ca=" + ca, Flags{}, SSLVerifyCA},
		{"ssl-ca=" + ca, Flags{SSLMode: "REQUIRED"}, SSLRequired},
		{"ssl-mode=VERIFY_IDENTITY", Flags{SSLCA: ca}, SSLVerifyIdentity},
		{"skip-ssl", Flags{}, SSLDisabled},
		{"ssl=0", Flags{SSLCA: ca}, SSLVerifyCA},
		{"ssl=off", Flags{SSL: true}, SSLRequired},
		{"ssl", Flags{}, SSLRequired},
		{"ssl\nssl-ca=" + ca, Flags{}, SSLVerifyCA},
		{"ssl-ca=" + ca, Flags{SSL: true}, SSLVerifyCA},
		{"ssl-verify-server-cert", Flags{}, SSLVerifyIdentity},
		{"ssl-verify-server-cert=0", Flags{}, SSLPreferred},
		{"ssl-mode=DISABLED", Flags{SSLVerifyServerCert: true}, SSLVerifyIdentity},
		{"ssl-mode=VERIFY_CA\nssl-ca=" + ca, Flags{SkipSSL: true}, SSLDisabled},
		{"disable-ssl", Flags{SSLMode: "required"}, SSLRequired},
	} {
		w.file(".my.cnf", "[client]\n"+c.file+"\n")
		equal(t, c.file, w.resolve(c.flags).SSLMode, c.want)
	}
}

func TestACertificateAuthorityThatIsNotUsedIsWarnedAbout(t *testing.T) {
	w := newWorld(t)
	ca := w.file("ca.pem", newAuthority(t).pem)
	target := w.resolve(Flags{SSLMode: "REQUIRED", SSLCA: ca})
	contains(t, strings.Join(target.Warnings, " "), "--ssl-ca: ssl-ca is not used", "VERIFY_CA")
	w.file(".my.cnf", "[client]\nssl-crl=x\n")
	contains(t, strings.Join(w.resolve(Flags{}).Warnings, " "), ".my.cnf:2: ssl-crl has no effect here")
}

func TestUnusableCertificatesAreErrors(t *testing.T) {
	w := newWorld(t)
	cert, key := newAuthority(t).issue("me")
	certFile, keyFile, junk := w.file("c.pem", cert), w.file("k.pem", key), w.file("junk", "junk")
	_, otherKey := newAuthority(t).issue("me")
	other := w.file("other.pem", otherKey)
	w.refuses(Flags{SSLCA: "/does/not/exist"}, "--ssl-ca: ssl-ca: cannot read the file", "/does/not/exist")
	w.refuses(Flags{SSLCA: junk}, "holds no certificate in PEM form")
	w.refuses(Flags{SSLCert: certFile}, "--ssl-cert: ssl-cert is given without ssl-key")
	w.refuses(Flags{SSLKey: keyFile}, "--ssl-key: ssl-key is given without ssl-cert")
	w.refuses(Flags{SSLCert: certFile, SSLKey: junk}, "cannot be used")
	w.refuses(Flags{SSLCert: certFile, SSLKey: other}, "cannot be used", "private key does not match")
	w.config("[clusters.c]\nseeds = ['x']\nssl_ca = 'ca.pem'\n")
	w.refuses(Flags{}, "config.toml:3: clusters.c.ssl_ca", filepath.Join(w.Home, ".config/galeratop/ca.pem"))
	w.config("[clusters.c]\nseeds = ['x']\nssl_cert = '~/c.pem'\nssl_key = '~/k.pem'\n")
	equal(t, "client certificates", len(w.resolve(Flags{}).tls.cert), 1)
}
