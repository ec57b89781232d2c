package channel

import "crypto/x509"

// Trust has an SMTP adapter trust a test's certificate.
func Trust(a Adapter, roots *x509.CertPool) { a.(*SMTP).tls.RootCAs = roots }
