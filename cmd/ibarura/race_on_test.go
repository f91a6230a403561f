//go:build race

package main

// raceDetector tells that the program is built with it, and takes its memory.
const raceDetector = true
