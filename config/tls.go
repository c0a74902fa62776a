package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"strings"
)

// The modes of the mysql client's --ssl-mode.
const (
	SSLDisabled       = "DISABLED"        // never
	SSLPreferred      = "PREFERRED"       // if the server offers it, without verification; plain otherwise
	SSLRequired       = "REQUIRED"        // always, without verification
	SSLVerifyCA       = "VERIFY_CA"       // and the certificate comes from a trusted authority
	SSLVerifyIdentity = "VERIFY_IDENTITY" // and it is made out to the host
)

var sslModes = []string{SSLDisabled, SSLPreferred, SSLRequired, SSLVerifyCA, SSLVerifyIdentity}

// tlsSettings is how to encrypt. The certificates are read once, when the target is resolved.
type tlsSettings struct {
	mode  string
	roots *x509.CertPool // nil: those of the system
	cert  []tls.Certificate
}

// sslMode decides the mode from the layers, the strongest first. An explicit ssl-mode holds; without one, naming a
// certificate authority means to verify with it, as the mysql client does, and the mariadb client's ssl and
// ssl-verify-server-cert mean REQUIRED and VERIFY_IDENTITY.
func sslMode(layers []layer) string {
	implied := ""
	for _, l := range layers {
		if s := l["ssl-mode"]; s.value != "" {
			return strings.ToUpper(s.value)
		}
		on, set := l.flag("ssl")
		if set && !on && implied == "" {
			return SSLDisabled
		}
		if verify, _ := l.flag("ssl-verify-server-cert"); verify {
			return SSLVerifyIdentity
		}
		switch {
		case l["ssl-ca"].value != "":
			implied = SSLVerifyCA
		case set && on && implied == "":
			implied = SSLRequired
		}
	}
	if implied == "" {
		return SSLPreferred
	}
	return implied
}

// loadTLS reads the certificates that the options name.
func loadTLS(env Env, mode string, merged layer) (*tlsSettings, error) {
	t := &tlsSettings{mode: mode}
	if mode == SSLDisabled {
		return t, nil
	}
	if ca := merged["ssl-ca"]; ca.value != "" {
		pem, err := os.ReadFile(env.expand(ca.value, ""))
		if err != nil {
			return nil, &Error{Where: ca.where, What: "ssl-ca: cannot read the file", Err: err}
		}
		t.roots = x509.NewCertPool()
		if !t.roots.AppendCertsFromPEM(pem) {
			return nil, &Error{Where: ca.where, What: "ssl-ca: " + ca.value + " holds no certificate in PEM form"}
		}
	}
	return t, t.loadPair(env, merged["ssl-cert"], merged["ssl-key"])
}

// loadPair reads the client's own certificate.
func (t *tlsSettings) loadPair(env Env, cert, key setting) error {
	switch {
	case cert.value == "" && key.value == "":
		return nil
	case key.value == "":
		return &Error{Where: cert.where, What: "ssl-cert is given without ssl-key"}
	case cert.value == "":
		return &Error{Where: key.where, What: "ssl-key is given without ssl-cert"}
	}
	pair, err := tls.LoadX509KeyPair(env.expand(cert.value, ""), env.expand(key.value, ""))
	if err != nil {
		return &Error{Where: cert.where, What: "ssl-cert and ssl-key cannot be used", Err: err}
	}
	t.cert = []tls.Certificate{pair}
	return nil
}

// config returns the client configuration for one host, or nil for a plain connection.
func (t *tlsSettings) config(host string) *tls.Config {
	c := &tls.Config{RootCAs: t.roots, Certificates: t.cert, MinVersion: tls.VersionTLS12, ServerName: host}
	switch t.mode {
	case SSLDisabled:
		return nil
	case SSLPreferred:
		// Old servers know TLS 1.0 and 1.1 only. Where plain text would do, those are better than none.
		c.MinVersion = tls.VersionTLS10
		c.InsecureSkipVerify = true
	case SSLRequired:
		c.InsecureSkipVerify = true
	case SSLVerifyCA:
		c.InsecureSkipVerify = true // what crypto/tls checks includes the name; VerifyConnection checks all but that
		c.VerifyConnection = t.verifyChain
	}
	return c
}

// verifyChain checks that the certificate comes from a trusted authority, whatever name it bears. It also runs on resumed
// sessions.
func (t *tlsSettings) verifyChain(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("the server sent no certificate")
	}
	opts := x509.VerifyOptions{Roots: t.roots, Intermediates: x509.NewCertPool()}
	for _, c := range state.PeerCertificates[1:] {
		opts.Intermediates.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(opts)
	return err
}

// verifies tells whether the mode checks the server's certificate.
func (t *tlsSettings) verifies() bool { return t.mode == SSLVerifyCA || t.mode == SSLVerifyIdentity }
