"""The demo's pictures: drawn here, so that they show nobody and belong to nobody else."""
