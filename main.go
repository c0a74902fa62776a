// Command galeratop is a live console for Galera Cluster.
package main

import (
	"os"

	"github.com/galeratop/galeratop/cli"
)

func main() { os.Exit(cli.Main()) }
