package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/galeratop/galeratop/config"
)

// config writes, finds and validates the configuration file.
func (a *app) config() *cobra.Command {
	var file string
	c := &cobra.Command{Use: "config", Short: "Write, find or validate the configuration file"}
	c.PersistentFlags().StringVar(&file, "config", "", "configuration `file` instead of the usual one")
	path := func() string {
		if file != "" {
			return file
		}
		return config.Path(config.OSEnv())
	}
	c.AddCommand(
		&cobra.Command{
			Use: "init", Short: "Write a commented configuration file, never over an existing one", Args: cobra.NoArgs,
			RunE: a.command(func(context.Context, []string) error {
				if err := config.WriteSample(path()); err != nil {
					return err
				}
				_, err := fmt.Fprintln(a.out, "wrote", path())
				return err
			}),
		},
		&cobra.Command{
			Use: "path", Short: "Print where the configuration file is", Args: cobra.NoArgs,
			RunE: a.command(func(context.Context, []string) error {
				_, err := fmt.Fprintln(a.out, path())
				return err
			}),
		},
		&cobra.Command{
			Use: "check", Short: "Validate the configuration file without connecting", Args: cobra.NoArgs,
			RunE: a.command(func(context.Context, []string) error { return a.checkConfig(file) }),
		},
	)
	return c
}

func (a *app) checkConfig(file string) error {
	r, err := config.Check(config.OSEnv(), file)
	if err != nil {
		return err
	}
	if !r.Exists {
		_, err := fmt.Fprintf(a.out, "%s does not exist; galeratop config init writes it\n", r.Path)
		return err
	}
	bad := 0
	for _, c := range r.Clusters {
		text := c.Summary
		if c.Err != nil {
			text = "error: " + c.Err.Error()
			bad++
		}
		_, _ = fmt.Fprintf(a.out, "%s: %s\n", c.Name, text)
		if c.Target != nil {
			printHostCommands(a.out, c.Target)
		}
		for _, w := range c.Warnings {
			_, _ = fmt.Fprintf(a.out, "%s: warning: %s\n", c.Name, w)
		}
	}
	if bad > 0 {
		return usage("%s: %d of %d clusters cannot be used", r.Path, bad, len(r.Clusters))
	}
	_, err = fmt.Fprintf(a.out, "%s: ok\n", r.Path)
	return err
}
