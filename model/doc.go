// Package model is the domain of galeratop: plain data and pure functions that
// turn what nodes said (samples) into what a cluster is (snapshots). It does no
// I/O, starts no goroutine and never asks a clock for the time.
package model
