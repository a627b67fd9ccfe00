"""What would follow, asked before anything is put: whom a silence would cover, who would hear of an alert."""
