package model

var flowRules = []Rule{}
