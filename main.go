// Command galeratop is a live console for Galera Cluster.
package main

func main() {}
