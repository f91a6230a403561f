package main

import (
	"os"

	"ibarura/internal/config"
)

type configCmd struct{ config.Config }

func (c *configCmd) Run() error {
	if err := c.Validate(); err != nil {
		return err
	}
	return c.Render(os.Stdout, true)
}
