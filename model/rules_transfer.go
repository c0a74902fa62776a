package model

var transferRules = []Rule{}
