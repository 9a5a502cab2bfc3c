"""HTTP to servers of others, over connections that cannot hang: sign-in servers, Microsoft Graph, Exchange.

The only room that knows `requests` and urllib3, which exchangelib and msal speak through as well. It knows no account.
"""
