package model

var groupRules = []Rule{}
