package model

var configRules = []Rule{}
