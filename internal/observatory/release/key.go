package release

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// Key signs releases. Whoever holds it can make a folder that passes for ours,
// so it stays in its file.
type Key struct {
	private ed25519.PrivateKey
}

// Public is the key that others check with, in base64.
func (k Key) Public() string { return encodeKey(k.private.Public().(ed25519.PublicKey)) }

// Zero reports whether there is no key.
func (k Key) Zero() bool { return len(k.private) == 0 }

func (k Key) sign(message []byte) []byte { return ed25519.Sign(k.private, message) }

func encodeKey(key ed25519.PublicKey) string { return base64.StdEncoding.EncodeToString(key) }

// Fingerprint is a public key in short, to read out over the telephone.
func Fingerprint(public string) string {
	sum := sha256.Sum256([]byte(public))
	text := hex.EncodeToString(sum[:10])
	var parts []string
	for i := 0; i < len(text); i += 4 {
		parts = append(parts, text[i:i+4])
	}
	return strings.Join(parts, " ")
}

// NewKey makes a key, for [SaveKey] or a test.
func NewKey() (Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return Key{private}, err
}

// MakeKey makes the key of a file that is not there yet, readable by its owner
// alone, and returns it; made is false when there was one already.
func MakeKey(path string) (key Key, made bool, err error) {
	if key, err = LoadKey(path); err == nil || errs.KindOf(err) != errs.NotFound {
		return key, false, err
	}
	if key, err = NewKey(); err != nil {
		return Key{}, false, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key.private)
	if err != nil {
		return Key{}, false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Key{}, false, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // never over another key
	if err != nil {
		return Key{}, false, err
	}
	err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return Key{}, false, errors.Join(err, os.Remove(path))
	}
	return key, true, nil
}

// LoadKey reads a key that MakeKey made. None is errs.NotFound; one that
// others on the machine can read is errs.Conflict.
func LoadKey(path string) (Key, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, errs.Wrap(err, errs.NotFound, "release.no_key", errs.A{"file": path})
	}
	if err != nil {
		return Key{}, err
	}
	if info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		return Key{}, errs.New(errs.Conflict, "release.key_is_open", errs.A{"file": path})
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return Key{}, err
	}
	block, _ := pem.Decode(raw)
	if block != nil {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if private, ok := parsed.(ed25519.PrivateKey); ok && err == nil {
			return Key{private}, nil
		}
	}
	return Key{}, errs.New(errs.Invalid, "release.bad_key", errs.A{"what": path})
}

// ParsePublic reads a public key that somebody gives: base64 of its 32 bytes,
// or PEM. It returns base64.
func ParsePublic(text string) (string, error) {
	text = strings.TrimSpace(text)
	if block, _ := pem.Decode([]byte(text)); block != nil {
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		if key, ok := parsed.(ed25519.PublicKey); ok && err == nil {
			return encodeKey(key), nil
		}
	}
	if raw, err := base64.StdEncoding.Strict().DecodeString(text); err == nil && len(raw) == ed25519.PublicKeySize {
		return encodeKey(raw), nil
	}
	return "", errs.New(errs.Invalid, "release.bad_key", errs.A{"what": cut(text, 80)})
}

// publicPEM is the text of key.pem for a public key in base64, as openssl
// reads it.
func publicPEM(public string) ([]byte, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(public)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, errs.New(errs.Invalid, "release.bad_key", errs.A{"what": cut(public, 80)})
	}
	der, err := x509.MarshalPKIXPublicKey(ed25519.PublicKey(raw))
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// signed reports whether a signature over a message is that of a public key.
func signed(public string, message, signature []byte) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(public)
	return err == nil && len(raw) == ed25519.PublicKeySize && ed25519.Verify(raw, message, signature)
}

// cut shortens a text from outside for a message.
func cut(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n]) + "…"
	}
	return text
}
