package model

var loadRules = []Rule{}
