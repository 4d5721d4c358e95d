"""What has to change to mend a finding: places and values, with no look at the text."""
