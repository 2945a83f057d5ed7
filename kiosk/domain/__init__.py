"""The pure rules of the town hall: no input or output, no clock of its own, no toolkit.

`profiles`: a municipality's rules as data. `rules`: what follows from them, said in the words of `quote`. `tickets`:
what a ticket's code and QR say. `record`: what the journal keeps and the backend receives. `fleet`: kiosks as the town
hall sees them. `wire`: the messages between the two. The rest are single words that all of these share.
"""
