#!/bin/bash
# Docker, up and answering.
systemctl start docker
