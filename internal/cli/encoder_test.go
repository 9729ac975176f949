package cli_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
)

// putModels writes the tiny encoder model into a script's folder: bare, in a
// wheel, and cut off.
func putModels(dir string) error {
	model, err := os.ReadFile("../search/encoder/e5/testdata/tiny.bin")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, body := range map[string]string{
		"tinye5/e5-small-q4.bin":        string(model),
		"tinye5-1.2.dist-info/METADATA": "Metadata-Version: 2.4\nName: tinye5\nVersion: 1.2\nLicense: MIT\n\n# tinye5\n",
	} {
		f, err := w.Create(name)
		if err != nil {
			return err
		}
		if _, err := f.Write([]byte(body)); err != nil {
			return err
		}
	}
	return errors.Join(w.Close(),
		os.WriteFile(filepath.Join(dir, "tiny.bin"), model, 0o600),
		os.WriteFile(filepath.Join(dir, "tiny.whl"), b.Bytes(), 0o600),
		os.WriteFile(filepath.Join(dir, "cut.bin"), model[:5000], 0o600))
}
