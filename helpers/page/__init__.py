"""What a reader meets: live charts in every front end, labs, pictures, exercises. The charts' own room is helpers/charts/."""
